# Asked once for every message that ends: C comparisons instead of a Python call.
from smsc.delivery.message cimport Message


cpdef bint owes_receipt(Message message, int state) except -1
cpdef bint owes_intermediate(Message message) except -1
