# -*- coding: klingon -*-
from alcove import op
