// csi-companion register|probe: the two programs that stand beside every CSI driver, in the place of
// node-driver-registrar and livenessprobe, which no Go module proxy has a version of.
//
//	register  tells the kubelet of the driver: serves pluginregistration.v1.Registration in the folder that the kubelet watches
//	probe     answers GET /healthz with 200 while the driver says it is ready, 500 otherwise
//
// It takes the flags of the programs it replaces, as far as charts set them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const (
	registrationFolder = "/registration"
	callTimeout        = 5 * time.Second
	retryInterval      = time.Second
)

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("usage: csi-companion register|probe [flags]"))
	}
	flags := flag.NewFlagSet("csi-companion "+os.Args[1], flag.ExitOnError)
	address := flags.String("csi-address", "/run/csi/socket", "socket of the driver, as this container sees it")
	endpoint := flags.String("kubelet-registration-path", "", "socket of the driver, as the kubelet sees it")
	healthPort := flags.String("health-port", "9808", "port of /healthz")
	flags.Int("v", 0, "accepted; everything there is to say is said")
	flags.Parse(os.Args[2:])

	connection, err := grpc.NewClient("unix://"+*address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fail(err)
	}
	driver := csi.NewIdentityClient(connection)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	switch os.Args[1] {
	case "register":
		err = register(ctx, driver, *endpoint)
	case "probe":
		err = probe(ctx, driver, ":"+*healthPort)
	default:
		err = fmt.Errorf("no command %s: register or probe", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

// register serves until it is told to stop or the kubelet refuses the driver; then the next start of the container tries again.
func register(ctx context.Context, driver csi.IdentityClient, endpoint string) error {
	name, err := driverName(ctx, driver)
	if err != nil {
		return err
	}
	socket := filepath.Join(registrationFolder, name+"-reg.sock")
	// Of a container that was killed.
	if err := os.Remove(socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	refused := make(chan error, 1)
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, &registrar{name: name, endpoint: endpoint, refused: refused})
	var refusal error
	go func() {
		select {
		case <-ctx.Done():
		case refusal = <-refused:
		}
		server.GracefulStop()
	}()
	fmt.Printf("%s is announced at %s\n", name, socket)
	// The socket goes with its listener. Served first: only then is it known whether the kubelet refused.
	err = server.Serve(listener)
	return errors.Join(err, refusal)
}

type registrar struct {
	registration.UnimplementedRegistrationServer
	name, endpoint string
	refused        chan<- error
}

func (r *registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{Type: registration.CSIPlugin, Name: r.name, Endpoint: r.endpoint, SupportedVersions: []string{"1.0.0"}}, nil
}

func (r *registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if status.PluginRegistered {
		fmt.Printf("the kubelet has registered %s\n", r.name)
		return &registration.RegistrationStatusResponse{}, nil
	}
	select {
	case r.refused <- fmt.Errorf("the kubelet refuses %s: %s", r.name, status.Error):
	default:
	}
	return &registration.RegistrationStatusResponse{}, nil
}

// driverName waits for the driver, which starts beside us.
func driverName(ctx context.Context, driver csi.IdentityClient) (string, error) {
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		info, err := driver.GetPluginInfo(call, &csi.GetPluginInfoRequest{})
		cancel()
		if err == nil {
			return info.Name, nil
		}
		fmt.Fprintln(os.Stderr, "the driver does not answer yet:", err)
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(retryInterval):
		}
	}
}

func probe(ctx context.Context, driver csi.IdentityClient, address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(response http.ResponseWriter, request *http.Request) {
		call, cancel := context.WithTimeout(request.Context(), callTimeout)
		defer cancel()
		answer, err := driver.Probe(call, &csi.ProbeRequest{})
		switch {
		case err != nil:
			http.Error(response, err.Error(), http.StatusInternalServerError)
		case answer.Ready != nil && !answer.Ready.Value:
			http.Error(response, "the driver is not ready", http.StatusInternalServerError)
		default:
			fmt.Fprintln(response, "ok")
		}
	})
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: callTimeout}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "csi-companion:", err)
	os.Exit(1)
}
