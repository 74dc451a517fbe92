/** What the world process asks of the host-side process over Node's IPC channel. */

/** Please listen on 127.0.0.1; port 0 lets the system choose. */
export interface ListenRequest { readonly id: number; readonly port: number }

/** The listening socket travels with the message as its handle, unless it could not be had. */
export interface ListenAnswer { readonly id: number; readonly port: number; readonly error?: string }
