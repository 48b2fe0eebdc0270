"""The peers, in a process of their own: they need not share our packages, threads, or a Java machine."""
