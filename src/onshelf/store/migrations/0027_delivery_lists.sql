-- What lists of deliveries are read by.
CREATE INDEX delivery_by_receiver ON delivery (receiver, place);

CREATE INDEX delivery_by_fate ON delivery (state, place);
