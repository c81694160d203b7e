module mockserver.example/assistant

go 1.18
