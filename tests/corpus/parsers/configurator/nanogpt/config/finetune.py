out_dir = "out-shakespeare"
batch_size = 1
learning_rate = 3e-5
