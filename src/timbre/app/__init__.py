"""The server: Flask and Socket.IO over a store of songs and segments."""
