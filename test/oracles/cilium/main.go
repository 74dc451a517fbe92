// A judge of network policies: Cilium's own policy engine behind JSON lines. One request a line on standard input, one
// answer a line on standard output. Identities, selectors, services, CIDR groups and verdicts are computed by Cilium's
// packages; nothing here knows what a policy means.
//
//	{"verb":"version"}                                     → {"version":"v1.20.2"}
//	{"verb":"sanitize","settings":{…},"policies":[…]}      → {"errors":["", "rule must have …"]}
//	{"verb":"verdicts","world":{…},"policies":[…],"queries":[…]} → {"errors":[…],"verdicts":["allowed","denied", …]}
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

const version = "v1.20.2"

type request struct {
	Verb     string            `json:"verb"`
	World    world             `json:"world"`
	Policies []json.RawMessage `json:"policies"`
	Queries  []query           `json:"queries"`
}

type answer struct {
	Version  string   `json:"version,omitempty"`
	Errors   []string `json:"errors,omitempty"`
	Verdicts []string `json:"verdicts,omitempty"`
	// Failure of the whole request.
	Failure string `json:"failure,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println(version)
		return
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		text, err := json.Marshal(respond(line))
		if err != nil {
			text = []byte(fmt.Sprintf(`{"failure":%q}`, err.Error()))
		}
		out.Write(text)
		out.WriteByte('\n')
		out.Flush()
	}
}

func respond(line []byte) (result answer) {
	defer func() {
		if p := recover(); p != nil {
			result = answer{Failure: fmt.Sprintf("panic: %v", p)}
		}
	}()
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return answer{Failure: err.Error()}
	}
	switch r.Verb {
	case "version":
		return answer{Version: version}
	case "sanitize":
		configure(r.World)
		policies := parsePolicies(r.Policies, r.World)
		return answer{Errors: policies.errors}
	case "verdicts":
		configure(r.World)
		policies := parsePolicies(r.Policies, r.World)
		verdicts, err := decide(r.World, policies, r.Queries)
		if err != nil {
			return answer{Errors: policies.errors, Failure: err.Error()}
		}
		return answer{Errors: policies.errors, Verdicts: verdicts}
	}
	return answer{Failure: "unknown verb " + r.Verb}
}
