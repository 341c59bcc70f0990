"""OpenCV, told what it reads only while it is loaded: everything here that needs it takes it from this module.

Whoever imports `cv2` first decides for the whole process, and a worker needs it long before it knows its camera.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")  # seconds; its own default of 10 hides a dead camera
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")  # errors are told by us, once each

import cv2 as cv2
