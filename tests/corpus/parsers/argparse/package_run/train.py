import speech

if __name__ == "__main__":
    speech.main()
