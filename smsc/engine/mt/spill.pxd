# Asked for every message of a durable store.
cimport cython

from smsc.delivery.message cimport Message
from smsc.delivery.recipient cimport Recipient
from smsc.engine.journal.message_index cimport MessageIndex


@cython.final
cdef class Spill:
    cdef public object store, stored
    cdef public MessageIndex message_index
    cdef public Py_ssize_t most
    cdef public long long most_octets
    cdef public dict expiring, fetches, looks

    cpdef bint wants(self, Recipient recipient, Message message) except -1
    cpdef bint is_over(self) except -1
    cpdef forget(self, Recipient recipient)
    cpdef put(self, Recipient recipient, Message message)
