"""Telling people of open alerts, once each.

It owns the URLs that are told, the messages and the record of deliveries. It does not own when an alert opens or
closes: the model `mart_usage_alerts` decides that.
"""
