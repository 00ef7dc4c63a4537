// Sends the payer back to the shop without a click. The button does the same where no script runs.
const form = document.getElementById("return");
setTimeout(() => form.requestSubmit(), Number(form.dataset.wait));
