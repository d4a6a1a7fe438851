# Asked once for every message that ends: C comparisons instead of a Python call.
cimport cython

from smsc.delivery.message cimport Message


cdef int ON_OUTCOME, ON_SUCCESS, DELIVERED, ORDINARY, _WANTED, _MODE, _DATAGRAM, _TRANSACTION


@cython.locals(wanted=int)
cpdef bint owes_receipt(Message message, int state) except -1
cpdef bint owes_intermediate(Message message) except -1
