"""IQFeed's protocol 6.2, as DTN's local gateway IQConnect speaks it."""

PROTOCOL = "S,SET PROTOCOL,6.2"
CONFIRMED = "S,CURRENT PROTOCOL,6.2"
NAME = "iqfeed"
