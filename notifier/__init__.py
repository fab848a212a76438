"""What goes out: one sender a channel and provider, rendering, the fence, receipts, dispatch."""
