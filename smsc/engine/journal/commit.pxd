# Adding to the open group is a list append without a Python call.
cimport cython

from smsc.delivery.message cimport Message
from smsc.engine.journal.records cimport message_row

cdef int RECEIPT


@cython.final
@cython.freelist(8)
cdef class Group:
    cdef public list asked, fresh, finals, forgotten, many, moved, updates, changes, waiters, undoable
    cdef public object cleared, ids, pairs, bound
    cdef public bint overtaken
    cdef public double since
    cdef public long long octets

    cpdef bint is_empty(self)


@cython.final
cdef class Commit:
    cdef public object store, on_done, after, written, nodes
    cdef public bint durable
    cdef public long long octets, most_octets
    cdef public Group group, under_way

    cpdef bint is_heavy(self) except -1
    cpdef bring(self, long long octets)
    cpdef add(self, Message message)
    cpdef finish(self, Message message)
    cpdef update(self, Message message)
    cpdef bint is_idle(self)
    @cython.locals(group=Group)
    cpdef flush(self, double link_now)
    @cython.locals(message=Message, messages=list, rows=dict)
    cpdef batch(self, Group group)
