// The reference implementation of the Pod Security Standards, answering over standard input and output.
//
// One JSON object per line in: {"version": "v1.36", "metadata": {…}, "spec": {…}}, metadata and spec those of a pod.
// One JSON object per line out, in order: {"denied": ["hostPorts", …], "baseline": true, "restricted": false}, where denied
// lists, sorted, every check of that version which refuses the pod, whatever its level, and the verdicts of the two levels
// are those of the library's own evaluator. {"error": "…"} for a line that is not a pod.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kjson "sigs.k8s.io/json"
)

type question struct {
	Version  string            `json:"version"`
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     corev1.PodSpec    `json:"spec"`
}

type answer struct {
	Denied     []string `json:"denied"`
	Baseline   bool     `json:"baseline"`
	Restricted bool     `json:"restricted"`
	Error      string   `json:"error,omitempty"`
}

func main() {
	checks := policy.DefaultChecks()
	evaluator, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for decoder.More() {
		var line json.RawMessage
		if err := decoder.Decode(&line); err != nil {
			fmt.Fprintln(os.Stderr, "not a JSON object:", err)
			os.Exit(1)
		}
		if err := encoder.Encode(judge(line, checks, evaluator)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func judge(line []byte, checks []policy.Check, evaluator policy.Evaluator) answer {
	var pod question
	// As the API server decodes: names of fields are case-sensitive, whole numbers stay whole.
	if err := kjson.UnmarshalCaseSensitivePreserveInts(line, &pod); err != nil {
		return answer{Error: err.Error()}
	}
	version, err := api.ParseVersion(pod.Version)
	if err != nil {
		return answer{Error: err.Error()}
	}
	setDefaults(&pod.Spec)
	allows := func(level api.Level) bool {
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, &pod.Metadata, &pod.Spec)
		return policy.AggregateCheckResults(results).Allowed
	}
	denied := []string{}
	for _, check := range checks {
		if fn := inForce(check, version); fn != nil && !fn(&pod.Metadata, &pod.Spec).Allowed {
			denied = append(denied, string(check.ID))
		}
	}
	sort.Strings(denied)
	return answer{Denied: denied, Baseline: allows(api.LevelBaseline), Restricted: allows(api.LevelRestricted)}
}

// setDefaults does what the API server does before admission sees a pod, as far as a check can tell (SetDefaults_Volume in
// pkg/apis/core/v1/defaults.go): a volume without a source is an emptyDir. Upstream's fixtures count on it.
func setDefaults(spec *corev1.PodSpec) {
	for i := range spec.Volumes {
		if spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
}

// inForce is the revision of a check at a version of the standard; nil before its first.
func inForce(check policy.Check, version api.Version) policy.CheckPodFn {
	var fn policy.CheckPodFn
	for _, revision := range check.Versions {
		if version.Older(revision.MinimumVersion) {
			break
		}
		fn = revision.CheckPod
	}
	return fn
}
