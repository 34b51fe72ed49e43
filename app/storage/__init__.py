"""The only home of peewee: named queries, values in and values out."""
