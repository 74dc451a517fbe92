module keelson.test/tools/registry

go 1.26.4

require github.com/google/go-containerregistry v0.22.1
