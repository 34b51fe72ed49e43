"""The legacy wire: XML in, XML out. The only home of lxml and xmlschema."""
