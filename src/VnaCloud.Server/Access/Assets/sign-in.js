// Where to go afterwards, and whether the last try was wrong, stand in the query.
const query = new URLSearchParams(location.search);
document.getElementById('return').value = query.get('return') ?? '/';
document.getElementById('wrong').hidden = !query.has('wrong');
