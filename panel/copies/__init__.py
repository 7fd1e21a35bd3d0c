"""What is handed to somebody outside: receipts, exports, a copy to browse."""
