"""JSON, XML and ZIP as streams; knows no annotation."""
