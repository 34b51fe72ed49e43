"""The languages that clients are billed in, by the codes of FreshBooks.

Source: documented (the twelve, their order and their names).
"""

DEFAULT_LANGUAGE = "en"
LANGUAGES = {
    "en": "English",
    "fr": "French",
    "da": "Danish",
    "nl": "Dutch",
    "et": "Estonian",
    "de": "German",
    "it": "Italian",
    "no": "Norwegian",
    "pt": "Portuguese",
    "es": "Spanish",
    "es-419": "Spanish (Latin America)",
    "sv": "Swedish",
}
