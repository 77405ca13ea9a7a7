"""Objects whose memory the garbage collector does not see: who must free them."""
