"""Landing and capture with real servers for objects: S3 by moto, Azure Blob Storage by azurite, and any other S3 server
that is named. `make test-objects` installs and runs them.
"""
