// dicomweb-client speaks through a browser's XMLHttpRequest, which Node has not: as much of it as the client uses, over fetch.

export class XMLHttpRequest {
  readyState = 0;
  status = 0;
  response = "";
  responseType = "";
  #headers = {};
  #answered = new Headers();

  open(method, url) {
    this.method = method;
    this.url = url;
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  getResponseHeader(name) {
    return this.#answered.get(name);
  }

  getAllResponseHeaders() {
    return [...this.#answered].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }

  async send(body) {
    try {
      const response = await fetch(this.url, { method: this.method, headers: this.#headers, body });
      this.#answered = response.headers;
      this.status = response.status;
      this.response = this.responseType === "arraybuffer" ? await response.arrayBuffer()
        : this.responseType === "json" ? await response.json()
        : await response.text();
    } catch (failure) {
      this.response = String(failure);
    }
    this.readyState = 4;
    this.onreadystatechange?.();
  }
}
