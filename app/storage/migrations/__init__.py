"""Steps from one edition's tables to the next; see `app.storage.schema`."""
