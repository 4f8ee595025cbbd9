"""Between the network and the pages: headers, what a connection may send, the operator's figures, the log."""
