// The token stands behind the '#', which is sent to no server. It is taken out of the address at once, so that it stays in no history.
const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname);

const state = document.getElementById('state');
const ask = document.getElementById('ask');
const passphrase = document.getElementById('passphrase');
const wrong = document.getElementById('wrong');

async function open(secret) {
  const answer = await fetch('open', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token, passphrase: secret }), cache: 'no-store' });
  const body = await answer.json();
  if (answer.ok) {
    location.replace(body.viewer);
  } else if (body.needsPassphrase) {
    state.textContent = 'They are protected by a passphrase, which whoever sent the link can tell you.';
    ask.hidden = false;
    wrong.hidden = !body.detail;
    wrong.textContent = body.detail ?? '';
    passphrase.value = '';
    passphrase.focus();
  } else {
    ask.hidden = answer.status !== 429;
    wrong.hidden = true;
    state.textContent = body.detail;
    state.className = 'wrong';
  }
}

async function tryOpen(secret) {
  const button = ask.querySelector('button');
  button.disabled = true;
  try {
    await open(secret);
  } catch {
    state.textContent = 'The archive does not answer. Try again in a moment.';
    state.className = 'wrong';
    ask.hidden = false;
  } finally {
    button.disabled = false;
  }
}

ask.addEventListener('submit', event => {
  event.preventDefault();
  tryOpen(passphrase.value);
});
await tryOpen('');
