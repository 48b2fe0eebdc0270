"""The stream under load: a feed, a server, many clients, and a bare broadcast to compare with, each a process."""
