"""The report of one day: `facts` reads the lake, `pictures` and `page` draw what it found."""
