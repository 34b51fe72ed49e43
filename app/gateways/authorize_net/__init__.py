"""Authorize.Net, by its XML API.

It knows no idempotency keys. What stands for a key there is an invoice number that is
made from it: a repeat is refused by them for as long as their longest duplicate window,
and found by `look_up`, which reads their lists of transactions.

Source: documented (API Reference, "Response Codes", AnetApiSchema.xsd) unless said.
"""

from app.gateways.authorize_net.account import AuthorizeNet

__all__ = ["AuthorizeNet"]
