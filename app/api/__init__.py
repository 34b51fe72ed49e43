"""The methods of the API: each reads its request, calls a service, renders."""
