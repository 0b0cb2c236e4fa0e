"""Files that customers and staff send, told by their bytes, each used in one message. The only writer of ai.upload."""
