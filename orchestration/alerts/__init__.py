"""Delivery of open alerts, each only once.

It owns the targets, the messages and the record of deliveries. It does not own when an alert opens or closes: the model
`mart_usage_alerts` decides that.
"""
