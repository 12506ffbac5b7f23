"""What cloud-init does on an EC2 instance, as far as user data commonly asks. This package runs inside the image, by
its Python (3.11), and imports nothing of runctl."""
