// registry [USER PASSWORD]: an OCI registry in memory, on a free port of 127.0.0.1; for tests of what fetches from one.
// Says "ready PORT" when it does; ends when its standard input ends. With a user it asks for a token first, as the large
// registries do: https://distribution.github.io/distribution/spec/auth/token/
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

const token = "a-token-of-the-registry"

func main() {
	var handler http.Handler = registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
	if len(os.Args) == 3 {
		handler = guarded(handler, os.Args[1], os.Args[2])
	}
	go http.Serve(listener, handler)
	fmt.Println("ready", listener.Addr().(*net.TCPAddr).Port)
	io.Copy(io.Discard, os.Stdin)
}

func guarded(inner http.Handler, user, password string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			givenUser, givenPassword, _ := r.BasicAuth()
			if givenUser != user || givenPassword != password {
				http.Error(w, "no", http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"token": %q}`, token)
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="tests"`, r.Host))
			http.Error(w, "a token, please", http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	})
}
