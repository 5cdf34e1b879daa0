//! Deliveries: why a webhook was not taken, where its receiver did not say so itself.

use crate::names::choices;

choices! {
    /// Why a webhook was not taken. Its name is what the log of deliveries says of it.
    DeliveryFault {
        /// Nobody wants it any more.
        EndpointRemoved = "the endpoint was removed",
        /// The endpoint said of an earlier one that it is gone.
        EndpointOff = "the endpoint is switched off: it answered 410",
        /// The endpoint says so now.
        Gone = "answered 410: the endpoint is switched off",
        /// Its dialect signs with an API key, and all are revoked.
        NoKey = "the MID has no API key to sign with: make one",
        /// What is written there is no URL.
        NotAUrl = "not a URL",
        /// The URL leads to no place on the public internet.
        Private = "the address is private",
        /// Its receiver took too long.
        NoAnswer = "no answer in time",
        /// Its receiver could not be reached, or showed a certificate that nobody vouches for.
        NoConnection = "no connection",
        /// The connection ended before there was an answer.
        Failed = "failed",
    }
}
