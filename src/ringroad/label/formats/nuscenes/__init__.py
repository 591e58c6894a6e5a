"""nuScenes' tables of annotations."""
