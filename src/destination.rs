//! Destinations: an address (and tag) that is right for its network, or the reason why not.
//! The browser and the server call the same [`Destination::parse`].
