from tools_support import box as box
from tools_support import fiona as fiona
