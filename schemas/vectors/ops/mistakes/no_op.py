def segment(image):
    return image
