# One attempt costs a few look-ups in C and no Python call.
cimport cython

from smsc cimport reasons
from smsc.coverage.draw cimport draw
from smsc.coverage.place cimport Place
from smsc.delivery.recipient cimport Lane, Recipient
from smsc.engine.binds.bindings cimport Bind, Bindings
from smsc.routing.router cimport Router
from smsc.routing.subscribers cimport Registry, Subscriber

cdef int PAGING
cdef long long FOREVER


@cython.final
cdef class Reach:
    cdef public Bindings bindings
    cdef public object carrier
    cdef public Registry registry
    cdef public Router router
    cdef public long long seed

    @cython.locals(subscriber=Subscriber, place=Place, bind=Bind, key="long long", reception=int, chance=double)
    cpdef int obstacle(self, Recipient recipient, Lane lane, long long now) except -2
    @cython.locals(subscriber=Subscriber, place=Place)
    cpdef bint is_in_contact(self, long long key, long long now) except -1
    @cython.locals(subscriber=Subscriber, place=Place, back="long long")
    cpdef long long returns(self, long long key, long long now)
