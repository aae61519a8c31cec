# oracle: stderr
def größe(ä):
    return "日本語" + ä, ä.fehlt + größe(ä)  


größe("ß")
