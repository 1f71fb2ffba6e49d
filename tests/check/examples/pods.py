"""Examples for the rules about pods and their containers."""

from tests.check.example import Example

EXAMPLES = (
    Example(
        "pods/requests",
        """
          kind: Pod
          spec:
            containers:
        -     - resources: {requests: {memory: null}}
        +     - resources: {requests: {memory: 1Gi}}
        """,
    ),
    Example(
        "pods/limits",
        """
          kind: Job
        - spec: {template: {spec: {containers: [{resources: {limits: null}}]}}}
        """,
    ),
    Example(
        "pods/image",
        """
          kind: Pod
        - spec: {containers: [{image: docker.io/library/web:latest}]}
        + spec: {containers: [{image: docker.io/library/web:1.3.0}]}
        """,
    ),
    Example(
        "pods/image",
        """
          kind: CronJob
          spec:
            jobTemplate:
              spec:
        -       template: {spec: {containers: [{image: web:1.2.3}]}}
        +       template: {spec: {containers: [{image: registry.example.org/web:1.2.3}]}}
        """,
    ),
    Example(
        "pods/probes",
        """
          kind: StatefulSet
          spec:
            template:
              spec:
                containers:
        -         - {livenessProbe: null}
        +         - livenessProbe: {tcpSocket: {port: http}}
        """,
    ),
    Example(
        "pods/command",
        """
          kind: Deployment
        - spec: {template: {spec: {containers: [{command: null, args: [web]}]}}}
        + spec: {template: {spec: {containers: [{command: [python, -m, web]}]}}}
        """,
    ),
    Example(
        "pods/merge-keys",
        """
          kind: Pod
          spec:
            containers:
              - env:
                  - {name: LEVEL, value: info}
        -         - {name: LEVEL, value: debug}
        +         - {name: FORMAT, value: json}
        """,
    ),
    Example(
        "pods/merge-keys",
        """
          kind: Deployment
          spec:
            template:
              spec:
                containers:
                  - ports:
                      - {containerPort: 8080}
        -             - {name: metrics, containerPort: 8080}
        +             - {name: metrics, containerPort: 9090}
        """,
    ),
    Example(
        "pods/scaled",
        """
          kind: Deployment
        - spec: {replicas: 3}
        + spec: {replicas: null}

          kind: HorizontalPodAutoscaler
        """,
    ),
    Example(
        "pods/drain",
        """
          kind: PodDisruptionBudget
        - spec: {maxUnavailable: 0}
        + spec: {maxUnavailable: 50%}
        """,
    ),
    Example(
        "pods/drain",
        """
          kind: PodDisruptionBudget
          spec:
            maxUnavailable: null
        -   minAvailable: 100%
        +   minAvailable: 1
        """,
    ),
)
