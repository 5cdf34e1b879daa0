//! Payments that are not what was asked for, and what became of them: what several files of stories need.

use domain::ids::{InvoiceId, RefundId};
use domain::policy::Period;
use domain::view::{CaseView, InvoiceView, RefundView};
use engine::invoices::NewInvoice;
use engine::sandbox::SandboxDeposit;
use uuid::Uuid;

use super::world::World;

/// Pays so much in a way of the payer's own; returns the invoice that was paid.
pub async fn pay_otherwise(world: &World, invoice: &InvoiceView, amount: &str, change: impl FnOnce(&mut SandboxDeposit)) -> InvoiceView {
    let mut deposit = SandboxDeposit::of(InvoiceId(invoice.id), amount);
    change(&mut deposit);
    let deposit = world.engine.sandbox_deposit(&world.caller, deposit).await.expect("a deposit");
    world.engine.invoice(&world.caller, InvoiceId(deposit.invoice)).await.expect("an invoice")
}

/// Pays an invoice on Stellar with a tag that is not the invoice's, and returns the invoice that was paid.
pub async fn pay_with_tag(world: &World, invoice: &InvoiceView, amount: &str, tag: &str) -> InvoiceView {
    pay_otherwise(world, invoice, amount, |deposit| deposit.tag = Some(tag.to_owned())).await
}

/// Pays from an address of the payer's choice.
pub async fn pay_from(world: &World, invoice: &InvoiceView, amount: &str, from: &str) {
    pay_otherwise(world, invoice, amount, |deposit| deposit.from = Some(from.to_owned())).await;
}

/// Makes an invoice of 1000 lumens.
pub async fn lumens(world: &World, reference: &str) -> InvoiceView {
    let new = NewInvoice { rate: Some("0.1".to_owned()), ..world.new_invoice(reference, "XLM-STELLAR") };
    world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
}

/// Makes an invoice that is not like the others.
pub async fn invoice_with(world: &World, reference: &str, change: impl FnOnce(&mut NewInvoice)) -> InvoiceView {
    let mut new = NewInvoice { rate: Some("0.9890991".to_owned()), ..world.new_invoice(reference, "USDT-TRON") };
    change(&mut new);
    world.engine.create_invoice(&world.caller, new, InvoiceId(Uuid::now_v7())).await.expect("an invoice")
}

/// Returns the one case of an invoice.
pub async fn only_case(world: &World, invoice: &InvoiceView) -> CaseView {
    let mut cases = world.look(invoice).await.cases;
    assert_eq!(cases.len(), 1, "{cases:?}");
    cases.remove(0)
}

/// Returns a refund as it is now.
pub async fn again(world: &World, refund: &RefundView) -> RefundView {
    world.engine.refund(&world.caller, RefundId(refund.id)).await.expect("the refund")
}

/// Reads a period.
pub fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

/// Returns what is odd about the payment behind a refund.
pub fn flags(refund: &RefundView) -> String {
    refund.exceptions.to_text()
}
