"""PDUs and octets: layouts, kinds of fields, TLVs, and the rows of the two that come by the million."""
